import { session } from "@web/session";

/**
 * Forms that prove that a person sends them, where the operator has set up reCAPTCHA or Turnstile.
 *
 * Odoo's own scripts for them come too late for a quick finger, and reCAPTCHA's forgets which
 * button was pressed, with its value and its address. So we wait for the proof, and then send the
 * form as it was meant. This listens from the moment it is loaded: Odoo repeats a click that came
 * before its scripts as soon as all are there, and before any interaction is started.
 */
const FORMS = ".o_booking form[data-captcha]";
const LONGEST_WAIT = 15_000; // milliseconds; then the server says what is missing
const STEP = 100;
const actions = new WeakMap();
const sending = new Set();

document.addEventListener("submit", onSubmit, { capture: true });
document.addEventListener("invalid", onInvalid, { capture: true });
// Back from the next page: what was proved is proved no more.
window.addEventListener("pageshow", () => {
    sending.clear();
    for (const form of document.querySelectorAll(FORMS)) {
        tokenOf(form, "recaptcha_token_response")?.remove();
    }
});

async function onSubmit(ev) {
    const form = ev.target;
    if (!form.matches(FORMS)) {
        return;
    }
    ev.preventDefault();
    ev.stopImmediatePropagation();
    if (sending.has(form)) {
        return; // the second tap of two
    }
    sending.add(form);
    rememberButton(form, ev.submitter);
    await Promise.all([proveToGoogle(form), proveToCloudflare(form)]);
    form.submit();
}

/** Turnstile's hidden field keeps a form from being sent until it is sure: the press is not lost. */
async function onInvalid(ev) {
    const form = ev.target.form;
    if (!ev.target.matches(".turnstile_captcha_valid") || !form?.matches(FORMS)) {
        return;
    }
    ev.preventDefault();
    if (form.querySelectorAll(":invalid").length > 1) {
        return; // there is something for the person to fill in first
    }
    const button = document.activeElement?.form === form ? document.activeElement : null;
    await proveToCloudflare(form);
    if (form.checkValidity()) {
        form.requestSubmit(button?.type === "submit" ? button : null);
    }
}

/** As the browser would send it: the name of the button that was pressed, to its address. */
function rememberButton(form, button) {
    if (!actions.has(form)) {
        actions.set(form, form.getAttribute("action"));
    }
    const action = button?.getAttribute("formaction") || actions.get(form);
    if (action !== null) {
        form.setAttribute("action", action);
    }
    form.querySelector(".o_booking_pressed")?.remove();
    if (button?.name) {
        addInput(form, button.name, button.value).className = "o_booking_pressed";
    }
}

async function proveToGoogle(form) {
    // Of a module that need not be there.
    const { ReCaptcha } = odoo.loader.modules.get("@google_recaptcha/js/recaptcha") || {};
    if (!ReCaptcha || !session.recaptcha_public_key) {
        return;
    }
    const recaptcha = new ReCaptcha();
    try {
        await recaptcha.loadLibs();
    } catch {
        return; // Google cannot be reached: the server says what is missing.
    }
    const { token } = await recaptcha.getToken(form.dataset.captcha);
    tokenOf(form, "recaptcha_token_response")?.remove();
    if (token) {
        addInput(form, "recaptcha_token_response", token);
    }
}

/** Its widget puts the token into the form by itself. */
async function proveToCloudflare(form) {
    if (!session.turnstile_site_key) {
        return;
    }
    const deadline = Date.now() + LONGEST_WAIT;
    while (!tokenOf(form, "turnstile_captcha")?.value && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, STEP));
    }
}

function tokenOf(form, name) {
    return form.querySelector(`input[name=${name}]`);
}

function addInput(form, name, value) {
    const input = document.createElement("input");
    Object.assign(input, { type: "hidden", name, value });
    form.append(input);
    return input;
}
