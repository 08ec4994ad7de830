"""One history: what hosts, customers, phones, iCloud and the machine do, one step after the other.

Each step is a line for people, and afterwards `check` finds what must not be.
"""

import itertools
import threading
from collections import Counter
from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from devtools.local_icloud.messages import Request
from tests.histories.checks import compare
from tests.histories.cloud import Plot
from tests.histories.crash import wait_for_its_end
from tests.histories.inside import Lane
from tests.histories.office import (
    HOSTS,
    OFFERS,
    PASSWORD,
    Booked,
    Known,
    Office,
    Refused,
    odoo_process_environment,
    slot,
)
from tests.histories.phone import ADDITIONS, Own, Phones
from tests.histories.requests_seen import Etiquette

MINUTE, HOUR, DAY = 60, 3600, 86400
CALENDARS = ("Home", "Work", "Family")
# After these a look may have to be a whole one until all is right again.
HEALED_BY_COMPARISON = {"poison_member", "drifting_etag", "no_etag"}
ROUNDS = 2
_numbers = itertools.count(1)


class Broken(AssertionError):
    """Something is as it must never be."""


class History:
    """Hosts 0 and 1 share one Apple Account, under two of its addresses; host 2 has another."""

    def __init__(self, lane: Lane, office: Office) -> None:
        self.lane, self.office, self.cloud = lane, office, lane.cloud
        self.lines: list[str] = []
        self.counts: Counter[str] = Counter()
        self.cloud.forget()
        self.cloud.clock = 0.0
        office.reset()
        number = next(_numbers)
        names = f"one{number}@icloud.com", f"two{number}@icloud.com"
        for name in names:
            self.cloud.add_account(name, PASSWORD)
        alias = f"alias{number}@icloud.com"
        self.cloud._accounts._by_email[alias] = self.cloud._accounts.get(names[0])
        self.accounts = [names[0], names[0], names[1]]
        self.emails = [names[0], alias, names[1]]
        self.folders = {name: self.cloud.calendars(name) for name in names}
        self.phones = Phones(self.cloud)
        self.etiquette = Etiquette(self.cloud)
        self.uids: dict[str, tuple[int | None, int]] = {}
        self.deletable: set[str] = set()
        self.faults_used: set[str] = set()
        # What stood in Odoo exactly as on the phone after the last step: (host, href) → version.
        self.matched: dict[tuple[int, str], int] = {}
        self.booked: dict[int, Booked] = {}
        self._said = threading.Lock()
        self._number = 0
        self._at_once = False
        for host in range(HOSTS):
            self.office.connect(host, self.emails[host])
        self._after_odoo()
        self.work("import")
        self.cloud.seen.clear()

    def say(self, line: str) -> None:
        with self._said:
            self.lines.append(line)

    def _next(self) -> int:
        self._number += 1
        return self._number

    # -- customers and hosts in Odoo -----------------------------------------------------------

    def book(self, offer: int, day: int, number: int) -> None:
        name = f"Customer {self._next()}"
        start = slot(day, number)
        answer = self.office.book(offer, start, name)
        self._told(f"{name} books {_hosts(OFFERS[offer])} at {start:%a %H:%M}", answer)

    def move_booking(self, pick: int, day: int, number: int) -> None:
        if booking := self._booking(pick):
            start = slot(day, number)
            answer = self.office.reschedule(booking.id, start)
            self._told(f"booking {booking.id} is moved to {start:%a %H:%M}", answer)

    def cancel_booking(self, pick: int) -> None:
        if booking := self._booking(pick):
            self._may_delete(session=booking.session)
            answer = self.office.booking(booking.id, "action_cancel")
            self._told(f"booking {booking.id} is cancelled", answer)

    def confirm_booking(self, pick: int) -> None:
        pending = [each for each in self._live() if each.state == "pending"]
        if pending:
            booking = pending[pick % len(pending)]
            answer = self.office.booking(booking.id, "action_confirm")
            self._told(f"booking {booking.id} is approved", answer)

    def change_session(self, pick: int, what: str) -> None:
        """The host works in Odoo's own calendar."""
        if not (booking := self._booking(pick)):
            return
        host = self._host_of(booking)
        if what == "delete":
            self._may_delete(session=booking.session)
            answer = self.office.session(host, booking.session, "unlink")
        elif what == "archive":
            self._may_delete(session=booking.session)
            answer = self.office.session(host, booking.session, "write", {"active": False})
        else:
            values = {what: f"{what.title()} {self._next()}"}
            answer = self.office.session(host, booking.session, "write", values)
        self._told(f"host {host} changes the session of booking {booking.id}: {what}", answer)

    def choose_primary(self, host: int, name: str) -> None:
        calendars = self._calendars(host)
        chosen = calendars.get(self.folders[self.accounts[host]][name])
        if chosen and not chosen.is_primary:
            self._may_delete(host=host)
            read = [each.id for each in calendars.values() if each.is_read]
            answer = self.office.choose(host, chosen.id, read)
            # The calendar that Connect had chosen is forgotten, and read anew where it is ticked.
            self.matched = {key: value for key, value in self.matched.items() if key[0] != host}
            self._told(f"host {host} makes {name} the primary calendar", answer)

    def tick(self, host: int, name: str) -> None:
        calendars = self._calendars(host)
        chosen = calendars.get(self.folders[self.accounts[host]][name])
        primary = next((each for each in calendars.values() if each.is_primary), None)
        if not chosen or not primary or chosen.is_primary:
            return
        read = {each.id for each in calendars.values() if each.is_read} ^ {chosen.id}
        answer = self.office.choose(host, primary.id, read)
        word = "unticks" if chosen.is_read else "ticks"
        self._told(f"host {host} {word} {name}", answer)

    def sync_now(self, host: int) -> None:
        self._told(f"host {host} presses Sync now", self.office.account(host, "action_sync_now"))

    def disconnect(self, host: int, remove: bool) -> None:
        if remove:
            self._may_delete(host=host)
        answer = self.office.account(host, "action_disconnect", remove=remove)
        word = "and removes the copies" if remove else "and keeps the copies"
        self._told(f"host {host} disconnects {word}", answer)

    def connect(self, host: int) -> None:
        email = self.emails[host]
        self.etiquette.connected(email)
        before = len(self.cloud.seen)
        answer = self.office.connect(host, email)
        # A person's own try is not a worker's.
        del self.cloud.seen[before:]
        self._told(f"host {host} connects", answer)

    # -- phones --------------------------------------------------------------------------------

    def enter(self, host: int, name: str, kind: str, day: int, number: int) -> None:
        account, start = self.accounts[host], slot(day, number)
        title = f"Own {self._next()}"
        self.phones.add(account, self.folders[account][name], kind, start, title)
        self.say(f"phone {host} enters {title} ({kind}) in {name} at {start:%a %H:%M}")

    def change_own(self, pick: int, what: str, day: int, number: int, name: str) -> None:
        if not (own := self._own(pick)):
            return
        if what == "delete":
            self.phones.delete(own)
        elif what == "drag":
            self.phones.drag(own, self.folders[own.account][name])
        elif what == "rename":
            self.phones.change(own, title=f"Own {self._next()}")
        elif what == "move":
            self.phones.change(own, start=slot(day, number))
        else:
            self.phones.change(own, kind=what)
        self.say(f"phone: {own.title} in {self._name_of(own.calendar)} gets: {what}")

    def drag_copy(self, host: int, pick: int, name: str) -> None:
        account = self.accounts[host]
        if href := self._copy(account, pick):
            self.phones.drag_copy(account, href, self.folders[account][name])
            self._touched(href, f"dragged to {name}")

    def delete_copy(self, host: int, pick: int, _name: str = "") -> None:
        account = self.accounts[host]
        if href := self._copy(account, pick):
            self._touch(account, href, "delete")

    def edit_copy(self, host: int, pick: int, what: str) -> None:
        account = self.accounts[host]
        if href := self._copy(account, pick):
            self._touch(account, href, what)

    def add_to_copy(self, host: int, pick: int, what: str) -> None:
        self.edit_copy(host, pick, what)

    def _copy(self, account: str, pick: int) -> str | None:
        copies = [*self.phones.others(account)]
        return copies[pick % len(copies)] if copies else None

    def _touch(self, account: str, href: str, what: str) -> None:
        if what == "delete":
            self.phones.delete_copy(account, href)
        elif what in ADDITIONS:
            self.phones.add_to_copy(account, href, what)
        else:
            self.phones.edit_copy(account, href, what)
        self._touched(href, what)

    def _touched(self, href: str, what: str) -> None:
        self.say(f"phone: the copy {href.rpartition('/')[2][:8]} gets: {what}")

    # -- iCloud and time -----------------------------------------------------------------------

    def fault(self, name: str, options: dict[str, Any]) -> None:
        self.cloud.set_fault(name, **options)
        self.faults_used.add(name)
        words = ", ".join(f"{key} {value}" for key, value in options.items())
        self.say(f"iCloud begins to misbehave: {name} ({words})")

    def lift_faults(self) -> None:
        self.cloud.clear_faults()
        self.say("iCloud behaves again")

    def let_time_pass(self, seconds: int) -> None:
        self.office.let_time_pass(seconds)
        self.cloud.clock += seconds
        self.say(f"{seconds // MINUTE} minutes pass")

    # -- workers -------------------------------------------------------------------------------

    def work(self, *names: str) -> None:
        """One after the other."""
        self.say(f"a worker runs: {', then '.join(names)}")
        for name in names:
            self.office.work(name)

    def work_at_once(self, *names: str) -> None:
        self.say(f"workers run at once: {' and '.join(names)}")
        self._at_once = True
        with ThreadPoolExecutor(len(names)) as pool:
            for done in [pool.submit(self.office.work, name) for name in names]:
                done.result()

    def crash(self, name: str, where: str, nth: int, is_before: bool) -> None:
        """:param where: "request", "commit" or "statement" """
        options: dict[str, Any] = {}
        if where == "request":
            self.cloud.plot = Plot((), nth, is_before, lambda _request: self._power_cut())
        else:
            options = {where: nth, "before": is_before}
        crashing = self.lane.crashing
        killed, worker = crashing.run(name, odoo_process_environment(), **options)
        self.cloud.plot = None
        if killed:
            self.counts["kills"] += 1
            with self.lane.registry.cursor() as cursor:
                wait_for_its_end(cursor._cnx, worker)
        moment = "before" if is_before else "after"
        word = f"is killed {moment} its {where} {nth}" if killed else "runs in its own process"
        self.say(f"the worker of {name} {word}")

    def _power_cut(self) -> bool:
        self.lane.crashing.kill()
        return True

    def meddle(self, name: str, methods: Sequence[str], nth: int, is_before: bool, what: str):
        """Something happens while a worker waits for the answer to its nth request."""

        def now(request: Request) -> None:
            self.say(f"  while Odoo waits for {request.method} {request.path[-12:]}:")
            self._meddle(request, what)

        self.say(f"a worker runs: {name}")
        self.cloud.plot = Plot(tuple(methods), nth, is_before, now)
        self.office.work(name)
        self.cloud.plot = None

    def _meddle(self, request: Request, what: str) -> None:
        uid = request.path.rpartition("/")[2].removesuffix(".ics")
        account = request.account.email if request.account else self._account_at(request.path)
        session, _user = self.uids.get(uid, (None, None))
        ids = [each.id for each in self._live() if session and each.session == session]
        if what == "own":
            self.enter(self.accounts.index(account), "Home", "timed", 0, self._number % 20)
        elif what == "own gone":
            self.change_own(self._number, "delete", 0, 0, "Home")
        elif what == "moved in Odoo" and ids:
            self.move_booking(self._place(ids[0]), 1, self._number % 20)
        elif what == "cancelled in Odoo" and ids:
            self.cancel_booking(self._place(ids[0]))
        elif what == "renamed in Odoo" and ids:
            self.change_session(self._place(ids[0]), "name")
        elif request.path in self.phones.everything(account):
            kinds = {"added": "an alarm", "renamed": "rename", "deleted": "delete"}
            if what in kinds:
                self._touch(account, request.path, kinds[what])

    def _account_at(self, path: str) -> str:
        number = path.split("/")[1]
        return next(
            (name for name in self.folders if str(self.cloud._accounts.get(name).dsid) == number),
            self.accounts[0],
        )

    # -- the end -------------------------------------------------------------------------------

    def quiet(self) -> None:
        """All faults are lifted, time passes, workers run; then both sides are compared."""
        self.lift_faults()
        for host, account in self.office.accounts().items():
            if account.state == "password_needed":
                self.connect(host)
        for _round in range(ROUNDS):
            self.let_time_pass(2 * HOUR)
            self.work("import", "push")
            self.check()
        if not self.faults_used & HEALED_BY_COMPARISON:
            self._compare("without a comparison")
        self.let_time_pass(DAY + HOUR)
        self.work("import", "push")
        self.let_time_pass(2 * HOUR)
        self.work("import", "push")
        self.check()
        self._compare("after the quiet")
        self.let_time_pass(10 * MINUTE)
        self.work("push", "import")
        self._judge_rest([*self.cloud.seen])
        self.check()

    def _compare(self, when: str) -> None:
        if found := compare(self):
            raise Broken(f"{when}: " + "; ".join(found))

    def _judge_rest(self, seen: Sequence[Any]) -> None:
        """When nothing changed, an account costs one listing."""
        odd = [str(each) for each in seen if each.method != "PROPFIND"]
        by_account = Counter(each.email for each in seen)
        odd += [
            f"{number} requests for {name}" for name, number in by_account.items() if number > 1
        ]
        if odd:
            raise Broken(f"nothing changed, and yet: {'; '.join(odd)}")

    # -- after each step -----------------------------------------------------------------------

    def check(self) -> None:
        """:raise Broken: what is as it must never be"""
        self._learn_uids()
        with self.cloud._guard:
            seen = [*self.cloud.seen]
            self.cloud.seen.clear()
        found = self.etiquette.judge(
            seen, self.uids, self.deletable, self.phones.added, self._at_once, self.faults_used
        )
        self.cloud.most_at_once.clear()
        self._at_once = False
        self.counts["requests"] += len(seen)
        found += self._bookings_as_left()
        found += self._imports_as_left()
        found += self._passwords_asked()
        if mails := self.cloud.mails():
            found.append(f"Apple would have mailed: {mails}")
        if found:
            raise Broken("; ".join(found))

    def _passwords_asked(self) -> list[str]:
        return [
            f"host {host} is asked for a password that the front door never refused"
            for host, account in self.office.accounts().items()
            if account.state == "password_needed"
            if not self.etiquette.has_refused(self.emails[host])
        ]

    def _bookings_as_left(self) -> list[str]:
        """No worker changes a booking."""
        now, before = self.office.bookings(), self.booked
        self.booked = now
        return [
            f"booking {number} was {before[number]} and is {now.get(number)}"
            for number in before
            if now.get(number) != before[number]
        ]

    def _imports_as_left(self) -> list[str]:
        """What was in Odoo as on the phone still is, unless somebody did something about it."""
        imported = self.office.imported()
        readers = self.readers()
        matched, lost = {}, []
        for own in self.phones.own.values():
            for host in readers.get(own.calendar, ()):
                key = host, own.href
                if imported.get(key) == own.spans():
                    matched[key] = own.version
                elif self.matched.get(key) == own.version:
                    there = imported.get(key)
                    lost.append(f"{own.title} of host {host} was in Odoo and is {there}")
        self.matched = matched
        return lost

    def readers(self) -> dict[str, list[int]]:
        """href of a calendar → the hosts whose busy time it is."""
        found: dict[str, list[int]] = {}
        for host, account in self.office.accounts().items():
            if account.state in ("connected", "password_needed"):
                for calendar in self.office.calendars(host).values():
                    if calendar.is_read:
                        found.setdefault(calendar.href, []).append(host)
        return found

    # -- helpers -------------------------------------------------------------------------------

    def _told(self, line: str, answer: Any) -> None:
        refused = f" — refused: {answer.words}" if isinstance(answer, Refused) else ""
        self.say(line + refused)
        self._after_odoo()

    def _after_odoo(self) -> None:
        """What somebody did in Odoo is from now on what must stay."""
        self._learn_uids()
        self.booked = self.office.bookings()
        self.matched = {
            key: version
            for key, version in self.matched.items()
            if key[0] in self.readers().get(key[1].rpartition("/")[0] + "/", ())
        }

    def _learn_uids(self) -> None:
        for copy in self.office.copies():
            session = copy.session or self.uids.get(copy.uid, (None,))[0]
            self.uids[copy.uid] = session, self.office.users.index(copy.user)

    def _may_delete(self, *, session: int | None = None, host: int | None = None) -> None:
        self._learn_uids()
        self.deletable |= {
            uid
            for uid, (of_session, of_host) in self.uids.items()
            if host == of_host or (session and session == of_session)
        }

    def _live(self) -> list[Booked]:
        return [each for each in self.booked.values() if each.is_live]

    def _booking(self, pick: int) -> Booked | None:
        live = self._live()
        return live[pick % len(live)] if live else None

    def _place(self, booking: int) -> int:
        return [each.id for each in self._live()].index(booking)

    def _own(self, pick: int) -> Own | None:
        own = sorted(self.phones.own.values(), key=lambda each: each.title)
        return own[pick % len(own)] if own else None

    def _host_of(self, booking: Booked) -> int:
        hosts = self.hosts_of(booking)
        return hosts[0]

    def hosts_of(self, booking: Booked) -> Collection[int]:
        """Whose time a booking takes."""
        query = "SELECT type_id FROM icloud_booking WHERE id = %s"
        [(offer,)] = self.office.rows(query, booking.id)
        return OFFERS[self.office.types.index(offer)]

    def _calendars(self, host: int) -> dict[str, Known]:
        account = self.office.accounts().get(host)
        if not account or account.state not in ("connected", "password_needed"):
            return {}
        return self.office.calendars(host)

    def _name_of(self, folder: str) -> str:
        names = {href: name for each in self.folders.values() for name, href in each.items()}
        return names.get(folder, folder)


def _hosts(hosts: Collection[int]) -> str:
    return " and ".join(f"host {host}" for host in hosts)
