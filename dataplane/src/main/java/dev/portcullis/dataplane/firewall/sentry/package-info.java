/** Secrets in files that agents write. */
@NullMarked
package dev.portcullis.dataplane.firewall.sentry;

import org.jspecify.annotations.NullMarked;
