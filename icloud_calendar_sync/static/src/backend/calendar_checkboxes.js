import { registry } from "@web/core/registry";
import {
    Many2ManyCheckboxesField,
    many2ManyCheckboxesField,
} from "@web/views/fields/many2many_checkboxes/many2many_checkboxes_field";
import { getFieldDomain } from "@web/model/relational_model/utils";
import { useSpecialData } from "@web/views/fields/relational_utils";

/** Checkboxes of calendars, each with the colour it has in iCloud. */
export class ICloudCalendarCheckboxes extends Many2ManyCheckboxesField {
    static template = "icloud_calendar_sync.CalendarCheckboxes";

    setup() {
        super.setup();
        this.calendars = useSpecialData((orm, props) =>
            orm.searchRead(
                props.record.fields[props.name].relation,
                getFieldDomain(props.record, props.name, props.domain),
                ["name", "color", "writable", "missing"],
            ),
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
}

registry.category("fields").add("icloud_calendar_checkboxes", {
    ...many2ManyCheckboxesField,
    component: ICloudCalendarCheckboxes,
});
