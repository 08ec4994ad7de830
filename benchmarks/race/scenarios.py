"""All that `make race` tries."""

from benchmarks.race import classes, rules, times
from benchmarks.race.scenario import Scenario

SCENARIOS: tuple[type[Scenario], ...] = (
    times.OneSlotOfOneHost,
    times.OneSlotOfThreeHosts,
    times.FairSlotOnThePage,
    times.OneSlotOfATeam,
    times.OneSlotOfAFixedHost,
    times.OneSlotWithARoom,
    times.OneSlotWithTwoRooms,
    times.OneSlotWithEquipment,
    times.OverlappingSlots,
    times.MovesAgainstBookings,
    times.MovesOnThePage,
    times.TeamMoves,
    times.MovesInARow,
    times.CancelsAgainstBookings,
    times.DeclinesAgainstRequests,
    times.BackOfficeAgainstPage,
    classes.OpeningAClass,
    classes.OpeningAClassOnThePage,
    classes.LastSeats,
    classes.OneLastSeat,
    classes.ClassMoves,
    classes.ClassCancels,
    classes.LastOneLeaves,
    classes.EverybodyLeaves,
    rules.OneChain,
    rules.OneChainOnThePage,
    rules.OppositeChains,
    rules.ChainMoves,
    rules.MostADay,
    rules.MostADayForEach,
    rules.MovesBetweenFullDays,
    rules.MostForACustomer,
)
