import { registry } from "@web/core/registry";
import { WarningDialog } from "@web/core/errors/error_dialogs";

// The name under which the server's exception arrives; without this it would look like a crash.
registry
    .category("error_dialogs")
    .add("odoo.addons.icloud_calendar_sync.exceptions.TimeTaken", WarningDialog);
