{
    "name": "Captcha at home",
    "summary": "Asks a server of this machine what Odoo would ask Google and Cloudflare",
    "version": "19.0.1.0.0",
    "license": "LGPL-3",
    "author": "icloud_calendar_sync contributors",
    "depends": ["base"],
    "installable": True,
}
