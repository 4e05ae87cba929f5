/** The certificate authority of TLS interception: how one is made, read and judged. No files, no network. */
@NullMarked
package dev.portcullis.crd.ca;

import org.jspecify.annotations.NullMarked;
