/** Role flow: collectors, detection and mitigation. */
@NullMarked
package dev.portcullis.dataplane.flow;

import org.jspecify.annotations.NullMarked;
