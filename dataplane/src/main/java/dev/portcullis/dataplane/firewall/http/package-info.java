/** Forward and fetch requests, bounded body windows. */
@NullMarked
package dev.portcullis.dataplane.firewall.http;

import org.jspecify.annotations.NullMarked;
