import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import {
    Many2ManyCheckboxesField,
    many2ManyCheckboxesField,
} from "@web/views/fields/many2many_checkboxes/many2many_checkboxes_field";
import { getFieldDomain } from "@web/model/relational_model/utils";
import { useSpecialData } from "@web/views/fields/relational_utils";
import { FormViewDialog } from "@web/views/view_dialogs/form_view_dialog";

const FIELDS = ["name", "color", "writable", "missing", "blocking_summary"];

/** Checkboxes of calendars, each with the colour it has in iCloud and what of it blocks. */
export class ICloudCalendarCheckboxes extends Many2ManyCheckboxesField {
    static template = "icloud_calendar_sync.CalendarCheckboxes";

    setup() {
        super.setup();
        this.dialog = useService("dialog");
        this.orm = useService("orm");
        this.calendars = useSpecialData((orm, props) => this.read(orm, props));
    }

    read(orm, props) {
        const { record, name, domain } = props;
        return orm.searchRead(
            record.fields[name].relation,
            getFieldDomain(record, name, domain),
            FIELDS,
        );
    }

    get items() {
        return this.calendars.data.map((calendar) => [calendar.id, calendar.name, calendar]);
    }

    /** The primary calendar always blocks, so its box cannot be cleared. */
    isPrimary(item) {
        const primary = this.props.record.data.icloud_primary_calendar_id;
        return Boolean(primary) && primary.id === item[0];
    }

    isSelected(item) {
        return this.isPrimary(item) || super.isSelected(item);
    }

    /** A dialog on top: the preferences may be one themselves, and an action would replace it. */
    choose(item) {
        this.dialog.add(FormViewDialog, {
            resModel: this.props.record.fields[this.props.name].relation,
            resId: item[0],
            title: _t("What blocks"),
            size: "md",
            // Not from the cache: it was changed just now.
            onRecordSaved: async () => {
                this.calendars.data = await this.read(this.orm, this.props);
            },
        });
    }
}

registry.category("fields").add("icloud_calendar_checkboxes", {
    ...many2ManyCheckboxesField,
    component: ICloudCalendarCheckboxes,
});
