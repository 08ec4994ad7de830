import { Component, useState } from "@odoo/owl";
import { Dialog } from "@web/core/dialog/dialog";
import { useAutofocus, useService } from "@web/core/utils/hooks";
import { user } from "@web/core/user";

/** What the server says to a user, or null for a failure that is nobody's mistake. */
function sentenceOf(error) {
    const name = error.exceptionName || "";
    return name.startsWith("odoo.exceptions.") ? error.data.message : null;
}

/** Asks for the Apple Account and an app-specific password; the server tries them at once. */
export class ConnectDialog extends Component {
    static template = "icloud_calendar_sync.ConnectDialog";
    static components = { Dialog };
    static props = {
        close: Function,
        email: String,
        onConnected: Function,
        /** Where the calendars are chosen, unless the dialog stands on top of that. */
        onDone: { type: Function, optional: true },
    };

    setup() {
        this.orm = useService("orm");
        this.state = useState({
            email: this.props.email,
            password: "",
            error: "",
            busy: false,
            found: null,
        });
        useAutofocus({ refName: this.props.email ? "password" : "email" });
    }

    async connect() {
        Object.assign(this.state, { busy: true, error: "" });
        try {
            // Straight to the method: the password is in no form, no record and no draft.
            await this.orm.call("icloud.account", "connect", [
                this.state.email,
                this.state.password,
            ]);
            this.state.found = await this.orm.searchCount("icloud.calendar", [
                ["user_id", "=", user.userId],
            ]);
            this.state.password = "";
        } catch (error) {
            this.state.error = sentenceOf(error);
            if (!this.state.error) {
                throw error;
            }
        } finally {
            this.state.busy = false;
        }
        if (this.state.found !== null) {
            await this.props.onConnected();
        }
    }

    async done() {
        this.props.close();
        await this.props.onDone?.();
    }
}

/** Asks what becomes of the bookings that stand in iCloud. */
export class DisconnectDialog extends Component {
    static template = "icloud_calendar_sync.DisconnectDialog";
    static components = { Dialog };
    static props = { close: Function, onDisconnected: Function };

    setup() {
        this.orm = useService("orm");
        this.state = useState({ bookings: "keep", busy: false });
    }

    async disconnect() {
        this.state.busy = true;
        try {
            const own = [["user_id", "=", user.userId]];
            const accounts = await this.orm.search("icloud.account", own);
            await this.orm.call("icloud.account", "action_disconnect", [accounts], {
                remove: this.state.bookings === "remove",
            });
            await this.props.onDisconnected();
            this.props.close();
        } finally {
            this.state.busy = false;
        }
    }
}
