package dev.stride.core.fib;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class QuiescenceTest {
    private final Quiescence readers = new Quiescence();

    private long unlink() {
        long mark = readers.mark();
        readers.advance();
        return mark;
    }

    @Test
    void withoutReadersEverythingHasPassed() {
        assertThat(unlink()).isEqualTo(readers.passed());
    }

    @Test
    void anOnlineReaderHoldsUpUntilItsQuiescentPoint() {
        Quiescence.Reader reader = readers.reader("a");
        reader.online();
        long mark = unlink();
        assertThat(readers.passed()).isLessThan(mark);
        reader.quiescent();
        assertThat(readers.passed()).isEqualTo(mark);
    }

    @Test
    void whatIsUnlinkedAfterTheQuiescentPointWaitsForTheNext() {
        Quiescence.Reader reader = readers.reader("a");
        reader.online();
        unlink();
        reader.quiescent();
        long later = unlink();
        assertThat(readers.passed()).isLessThan(later);
    }

    @Test
    void theSlowestReaderCounts() {
        Quiescence.Reader fast = readers.reader("fast");
        Quiescence.Reader slow = readers.reader("slow");
        fast.online();
        slow.online();
        long mark = unlink();
        fast.quiescent();
        assertThat(readers.passed()).isLessThan(mark);
        assertThat(readers.lag()).isEqualTo(new Quiescence.Lag("slow", 1));
        slow.quiescent();
        assertThat(readers.passed()).isEqualTo(mark);
        assertThat(readers.lag()).isEqualTo(new Quiescence.Lag("", 0));
    }

    @Test
    void aSleepingReaderHoldsNobodyUp() {
        Quiescence.Reader reader = readers.reader("a");
        reader.online();
        reader.offline();
        assertThat(unlink()).isEqualTo(readers.passed());
        reader.online();
        assertThat(unlink()).isGreaterThan(readers.passed());
        reader.close();
        assertThat(unlink()).isEqualTo(readers.passed());
    }
}
