/** MitigationPolicy: who uses it and what its peers and bans do. */
@NullMarked
package dev.portcullis.operator.mitigation;

import org.jspecify.annotations.NullMarked;
