/** Thresholds, classification and the state of each attack. */
@NullMarked
package dev.portcullis.dataplane.flow.detect;

import org.jspecify.annotations.NullMarked;
