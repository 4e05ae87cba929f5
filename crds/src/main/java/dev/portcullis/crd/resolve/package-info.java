/** Resources in, the configuration of a data plane or the problems out. Pure: no clock, no network, no files. */
@NullMarked
package dev.portcullis.crd.resolve;

import org.jspecify.annotations.NullMarked;
