/** The numbers behind /stats that are not metrics: names, and counts for each agent. All bounded. */
@NullMarked
package dev.portcullis.dataplane.firewall.stats;

import org.jspecify.annotations.NullMarked;
