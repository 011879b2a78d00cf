"""The addresses of the frame itself."""

from backoffice.console import look, search, start
from backoffice.console.rights import PUBLIC, SIGNED_IN
from backoffice.console.site import site

site.register_address("", start.start_page, name="index", right=SIGNED_IN)
site.register_address("search/", search.search_page, name="search", right=SIGNED_IN)
site.register_address("look/", look.set_look, name="look", right=PUBLIC)
site.register_address("preference/", look.set_preference, name="preference", right=SIGNED_IN)
