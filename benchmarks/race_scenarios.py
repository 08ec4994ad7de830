"""All that `make race` tries."""

from benchmarks import race_classes, race_rules, race_times
from benchmarks.race_scenario import Scenario

SCENARIOS: tuple[type[Scenario], ...] = (
    race_times.OneSlotOfOneHost,
    race_times.OneSlotOfThreeHosts,
    race_times.FairSlotOnThePage,
    race_times.OneSlotOfATeam,
    race_times.OneSlotOfAFixedHost,
    race_times.OneSlotWithARoom,
    race_times.OneSlotWithTwoRooms,
    race_times.OneSlotWithEquipment,
    race_times.OverlappingSlots,
    race_times.MovesAgainstBookings,
    race_times.MovesOnThePage,
    race_times.TeamMoves,
    race_times.MovesInARow,
    race_times.CancelsAgainstBookings,
    race_times.DeclinesAgainstRequests,
    race_times.BackOfficeAgainstPage,
    race_classes.OpeningAClass,
    race_classes.OpeningAClassOnThePage,
    race_classes.LastSeats,
    race_classes.OneLastSeat,
    race_classes.ClassMoves,
    race_classes.ClassCancels,
    race_classes.LastOneLeaves,
    race_classes.EverybodyLeaves,
    race_rules.OneChain,
    race_rules.OneChainOnThePage,
    race_rules.OppositeChains,
    race_rules.ChainMoves,
    race_rules.MostADay,
    race_rules.MostADayForEach,
    race_rules.MovesBetweenFullDays,
    race_rules.MostForACustomer,
)
