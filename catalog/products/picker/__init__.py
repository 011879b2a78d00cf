"""The one product picker: for every place that chooses products or variants (issue 4, products 12.3, 19.4).

A room states a :class:`Picker` once and mounts it; a tab of a form, or a page of its own, binds it::

    COMPONENTS = mount(Picker("components", Variant, right=Right(Product, "change"), inputs=(QUANTITY,)))

    class BoundParts(BoundTab):
        media = COMPONENTS.media
        def __init__(...):
            self.picker = BoundPicker(COMPONENTS, request, held={pk: {"quantity": 2}}, data=form.data if bound)

and prints ``products/picker.html`` with it. The selection travels in the form, so it survives searches, pages and
forms that come back with errors, with and without scripts. Rooms above add columns, such as prices and stock, with
:func:`add_column`.
"""

from catalog.products.picker.address import mount
from catalog.products.picker.bound import BoundPicker
from catalog.products.picker.declaring import Extra, Input, Picker, add_column, whole_number

__all__ = ["BoundPicker", "Extra", "Input", "Picker", "add_column", "mount", "whole_number"]
