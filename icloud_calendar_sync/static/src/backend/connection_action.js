import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { ConnectDialog } from "./connection_dialogs";

/**
 * Where a notice of ours leads, also from a mail: the own preferences, and the dialog to connect
 * on top when a password is needed.
 */
async function openConnection(env) {
    const { action, dialog, orm } = env.services;
    const own = [["user_id", "=", user.userId]];
    const accounts = await orm.searchRead("icloud.account", own, ["state", "apple_id"]);
    // Preferences are a dialog: something has to stand behind it.
    await action.doAction("calendar.action_calendar_event", { clearBreadcrumbs: true });
    const openPreferences = async () => {
        const preferences = await orm.call("res.users", "action_get");
        await action.doAction({ ...preferences, res_id: user.userId });
        // Odoo opens the first page, and has no option for another one.
        document.querySelector(".o_dialog .nav-link[name='integrations']")?.click();
    };
    if (accounts.length && accounts[0].state !== "password_needed") {
        await openPreferences();
        return;
    }
    dialog.add(ConnectDialog, {
        email: (accounts.length && accounts[0].apple_id) || "",
        onConnected: () => {},
        onDone: openPreferences,
    });
}

registry.category("actions").add("icloud_calendar_sync.connect", openConnection);
