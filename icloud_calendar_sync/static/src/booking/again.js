import { browser } from "@web/core/browser/browser";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

/** A request that was turned away for a while: counts down, and asks again by itself. */
export class Again extends Interaction {
    static selector = ".o_booking_again[data-seconds]";

    start() {
        // A moment more: not all come back at once.
        this.until = Date.now() + (Number(this.el.dataset.seconds) + 2 * Math.random()) * 1000;
        this.tick();
    }

    tick() {
        const left = Math.ceil((this.until - Date.now()) / 1000);
        if (left <= 0) {
            return this.send();
        }
        const countdown = this.el.querySelector(".o_booking_countdown");
        countdown.textContent = _t("We try again by ourselves in %s s.", left);
        countdown.hidden = false;
        this.waitForTimeout(() => this.tick(), 500);
    }

    send() {
        if (this.el.matches("form")) {
            this.el.requestSubmit();
        } else {
            browser.location.reload();
        }
    }
}

registry.category("public.interactions").add("icloud_calendar_sync.again", Again);
