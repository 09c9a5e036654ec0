package dev.stride.core.forward;

import dev.stride.core.stats.PuntClass;
import java.util.Map;

/// What a worker lets up to a companion.
///
/// @param hostAnswers whether ARP requests and neighbor solicitations go up as well, so that the
///   host answers them and the router does not
/// @param rates packets a second of each class, where they differ from its own; a tenth of that may
///   come at once
public record CompanionRates(boolean hostAnswers, Map<PuntClass, Double> rates) {
    public CompanionRates {
        rates = Map.copyOf(rates);
    }

    double perSecond(PuntClass kind) {
        return rates.getOrDefault(kind, (double) kind.rate());
    }
}
