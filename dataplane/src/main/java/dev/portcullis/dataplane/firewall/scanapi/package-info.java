/** The scan API: POST /v1/scan, on a listener of its own. */
@NullMarked
package dev.portcullis.dataplane.firewall.scanapi;

import org.jspecify.annotations.NullMarked;
