/// THE data path.
@NullMarked
package dev.stride.core.forward;

import org.jspecify.annotations.NullMarked;
