/** One structured event a verdict, as JSON lines through a bounded queue. */
@NullMarked
package dev.portcullis.dataplane.audit;

import org.jspecify.annotations.NullMarked;
