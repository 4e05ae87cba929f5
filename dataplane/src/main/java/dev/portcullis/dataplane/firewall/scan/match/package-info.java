/** Finding rules' matches in bytes: one automaton over every literal, then an anchored check of each hit. */
@NullMarked
package dev.portcullis.dataplane.firewall.scan.match;

import org.jspecify.annotations.NullMarked;
