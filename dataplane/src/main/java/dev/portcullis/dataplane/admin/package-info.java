/** The admin port: metrics, health, readiness and status, on a thread of its own. */
@NullMarked
package dev.portcullis.dataplane.admin;

import org.jspecify.annotations.NullMarked;
