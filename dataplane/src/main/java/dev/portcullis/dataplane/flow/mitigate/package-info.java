/** Safety rules, planning, and the book of bans. */
@NullMarked
package dev.portcullis.dataplane.flow.mitigate;

import org.jspecify.annotations.NullMarked;
