/** NetFlow v5 and v9, IPFIX and sFlow v5 decoders; template and sampling caches. */
@NullMarked
package dev.portcullis.dataplane.flow.decode;

import org.jspecify.annotations.NullMarked;
