from . import controllers, log_filter, models, wizards

log_filter.install()


def uninstall_hook(env):
    """Imported events go with what imported them; nothing else would ever update them."""
    env["icloud.event"].search([])._forget()
