from odoo import models


class ICloudCompanyBound(models.AbstractModel):
    """Parts of offers: what was written is theirs to keep who may still see it afterwards.

    Odoo asks its record rules before a change and not after it: a record could be handed to a
    company, or to a record of a company, that is not one's own.
    """

    _name = "icloud.company.bound"
    _description = "Stays in one's own companies"

    def write(self, vals):
        result = super().write(vals)
        self.check_access("write")
        return result
