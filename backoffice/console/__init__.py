"""The frame every screen hangs in: site, menu, base ModelAdmin, lists, forms.

May import history; sees no accounts, no transfer, no room.
"""
