/** The compiled form of a firewall's configuration: what one request reads once. */
@NullMarked
package dev.portcullis.dataplane.firewall.policy;

import org.jspecify.annotations.NullMarked;
