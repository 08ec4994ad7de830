import { Component } from "@odoo/owl";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { ConnectDialog, DisconnectDialog } from "./connection_dialogs";

/**
 * Connect, Sync now and Disconnect in the preferences.
 *
 * Not buttons of the view: the preferences are a dialog themselves, and an action that opens a
 * dialog replaces the one it was called from.
 */
export class ConnectionButtons extends Component {
    static template = "icloud_calendar_sync.ConnectionButtons";
    static props = { ...standardWidgetProps };

    setup() {
        this.dialog = useService("dialog");
        this.notification = useService("notification");
        this.orm = useService("orm");
    }

    get state() {
        return this.props.record.data.icloud_state;
    }

    /** Keep what else was typed into the preferences, and show the connection as it is now. */
    async refresh() {
        await this.props.record.save();
        await this.props.record.load();
    }

    connect() {
        const { icloud_apple_id: appleId, email } = this.props.record.data;
        this.dialog.add(ConnectDialog, {
            email: appleId || email || "",
            onConnected: () => this.refresh(),
        });
    }

    disconnect() {
        this.dialog.add(DisconnectDialog, { onDisconnected: () => this.refresh() });
    }

    async syncNow() {
        await this.callOwn("action_sync_now");
        this.notification.add(_t("Syncing with iCloud now."), { type: "success" });
        await this.refresh();
    }

    async goOnHere() {
        await this.callOwn("action_go_on_here");
        this.notification.add(_t("Syncing with iCloud goes on here."), { type: "success" });
        await this.refresh();
    }

    async callOwn(method) {
        const accounts = await this.orm.search("icloud.account", [["user_id", "=", user.userId]]);
        await this.orm.call("icloud.account", method, [accounts]);
    }
}

registry.category("view_widgets").add("icloud_connection_buttons", {
    component: ConnectionButtons,
});
