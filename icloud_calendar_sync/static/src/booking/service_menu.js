import { _t } from "@web/core/l10n/translation";
import { pyToJsLocale } from "@web/core/l10n/utils";
import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

/** Adds up what is ticked on a menu of services. The form itself needs no script. */
export class ServiceMenu extends Interaction {
    static selector = ".o_booking_menu";
    dynamicContent = {
        "input[name=services]": { "t-on-change": () => {} }, // what follows is updated
        ".o_booking_sum": { "t-att-hidden": () => false },
        ".o_booking_sum_duration": { "t-out": () => this.durationWords() },
        ".o_booking_sum_price": { "t-out": () => this.priceWords() },
        "button[type=submit]": { "t-att-disabled": () => !this.ticked().length },
        _window: { "t-on-pageshow": () => {} }, // back from the times, with the ticks of before
    };

    ticked() {
        return [...this.el.querySelectorAll("input[name=services]:checked")];
    }

    /** The sum of what stands on the ticked services: least or most, minutes or price. */
    sum(name) {
        return this.ticked().reduce((sum, each) => sum + Number(each.dataset[name]), 0);
    }

    /** “from 1 h 15 min” where hosts differ. */
    durationWords() {
        if (!this.ticked().length) {
            return _t("Nothing chosen yet");
        }
        const duration = this.duration(this.sum("leastMinutes"));
        const differs = this.sum("mostMinutes") > this.sum("leastMinutes");
        return differs ? _t("from %s", duration) : duration;
    }

    /** “from $ 60.00”, nothing where nothing costs. */
    priceWords() {
        const price = this.price(this.sum("leastPrice"));
        if (this.sum("mostPrice") > this.sum("leastPrice")) {
            return _t("from %s", price);
        }
        return this.sum("mostPrice") ? price : "";
    }

    duration(minutes) {
        const hours = Math.floor(minutes / 60);
        const rest = minutes % 60;
        if (!hours) {
            return _t("%s min", rest);
        }
        return rest
            ? _t("%(hours)s h %(minutes)s min", { hours, minutes: rest })
            : _t("%s h", hours);
    }

    /** As the server writes amounts of the company's currency. */
    price(amount) {
        const { digits, symbol, position } = this.el.dataset;
        const locale = pyToJsLocale(document.documentElement.lang.replace("-", "_"));
        const number = amount.toLocaleString(locale, {
            minimumFractionDigits: digits,
            maximumFractionDigits: digits,
        });
        return position === "before" ? `${symbol}\u00a0${number}` : `${number}\u00a0${symbol}`;
    }
}

registry.category("public.interactions").add("icloud_calendar_sync.service_menu", ServiceMenu);
