"""The permission matrix in the docs is the one that is enforced."""

from deploy.codegen.permissions import PAGE, page


def test_the_page_is_rendered_from_what_is_enforced() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: make gen"
