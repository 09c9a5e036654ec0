package dev.stride.core.fib;

/// Two cache lines before the fields of a class, so that what the control thread writes all the
/// time and what readers load all the time are on different lines wherever the collector puts the
/// objects: both kinds of classes extend this one. What comes after an object that does is not kept
/// apart, so an array that is written all the time can still be too near.
///
/// A reader that has to fetch a line that it loads each burst after each change loses a tenth to a
/// third of its speed.
@SuppressWarnings("unused")
abstract class Padded {
    /// Two cache lines of an `int` array.
    static final int INTS = 32;

    private long l0, l1, l2, l3, l4, l5, l6, l7, l8, l9, l10, l11, l12, l13, l14, l15;
}
