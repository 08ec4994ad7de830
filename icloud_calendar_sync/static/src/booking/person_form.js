import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

/**
 * A form that proves that a person sends it. Odoo's scripts for reCAPTCHA and Turnstile do that;
 * reCAPTCHA's then sends the form itself, and forgets which button was pressed.
 */
export class PersonForm extends Interaction {
    static selector = ".o_booking form[data-captcha]";
    dynamicContent = {
        _window: { "t-on-pageshow": this.onPageshow },
    };

    setup() {
        this.action = this.el.getAttribute("action");
    }

    start() {
        // Before anybody else hears of it.
        this.addListener(document, "submit", this.onSubmit, { capture: true });
    }

    onSubmit(ev) {
        if (ev.target !== this.el) {
            return;
        }
        const button = ev.submitter;
        const action = button?.getAttribute("formaction") || this.action;
        if (action !== null) {
            this.el.setAttribute("action", action);
        }
        this.el.querySelector(".o_booking_pressed")?.remove();
        if (button?.name) {
            const input = document.createElement("input");
            input.type = "hidden";
            input.className = "o_booking_pressed";
            input.name = button.name;
            input.value = button.value;
            this.el.append(input);
        }
    }

    /** Back from the next page: what proved it then proves nothing any more. */
    onPageshow() {
        this.el.querySelector("input[name=recaptcha_token_response]")?.remove();
    }
}

registry.category("public.interactions").add("icloud_calendar_sync.person_form", PersonForm);
