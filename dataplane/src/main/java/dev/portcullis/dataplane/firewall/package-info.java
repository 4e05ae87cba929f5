/** Role firewall: the egress proxy. */
@NullMarked
package dev.portcullis.dataplane.firewall;

import org.jspecify.annotations.NullMarked;
