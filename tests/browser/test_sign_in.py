from tests import make
from tests.browser.steps import sign_in, sign_out


def test_a_person_signs_in_and_out(page, axe):
    make.superuser("ruth@example.com", first_name="Ruth")
    page.goto("/")
    axe(page)
    sign_in(page, "ruth@example.com", "a wrong password")
    assert page.get_by_role("alert").inner_text() == "Log-in failed. Check the e-mail and the password."
    assert page.get_by_label("E-mail").input_value() == "ruth@example.com"
    axe(page)

    sign_in(page, "ruth@example.com")
    assert page.get_by_role("heading", level=1).inner_text() == "Good day, Ruth"
    axe(page)

    sign_out(page)
    page.goto("/packaging/packagingtype/")
    assert page.get_by_role("heading", level=1).inner_text() == "Log in to the back office"
    sign_in(page, "ruth@example.com")
    assert page.url.endswith("/packaging/packagingtype/")


def test_a_person_without_a_role_is_told_so(page, axe):
    make.user("new@example.com")
    page.goto("/login/")
    sign_in(page, "new@example.com")

    assert page.get_by_role("heading", level=1).inner_text() == "No access yet"
    axe(page)


def test_the_sign_in_page_speaks_the_language_of_the_browser(open_page):
    page = open_page(locale="de-DE")
    page.goto("/login/")

    assert page.locator("html").get_attribute("lang") == "de"


def test_signing_in_works_without_scripts_on_a_phone(open_page):
    make.user("mia@example.com", roles=["Category Manager"])
    page = open_page(java_script_enabled=False, viewport={"width": 320, "height": 640})
    page.goto("/login/")
    sign_in(page, "mia@example.com")

    assert page.get_by_role("heading", level=1).inner_text().startswith("Good day")
