"""What plain rooms say to people: English, and what is needed to say it in another language.

Plain Python, no Odoo import. `_` is named as Odoo's extraction of terms wants it: whatever stands
in `_("…")` gets into the translations, and Odoo says it again with `env._(template, **values)`.
"""


class Sentence(str):
    """An English sentence that knows the template and the values it was made of."""

    __slots__ = ("template", "values")

    def __new__(cls, template: str, **values: object) -> "Sentence":
        said = super().__new__(cls, template % values if values else template)
        said.template = template
        said.values = values
        return said


def _(template: str, **values: object) -> Sentence:
    """Say `template`, whose %(names)s are `values`. The template must be a literal here."""
    return Sentence(template, **values)
