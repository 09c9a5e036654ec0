/// Log lines on the console: everything that logs ends in java.util.logging with one format.
@NullMarked
package dev.stride.daemon.log;

import org.jspecify.annotations.NullMarked;
