/** Findings and mode to a verdict; the only place that denies. */
@NullMarked
package dev.portcullis.dataplane.firewall.verdict;

import org.jspecify.annotations.NullMarked;
