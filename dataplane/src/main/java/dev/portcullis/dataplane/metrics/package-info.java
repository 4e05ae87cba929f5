/** Every metric family, declared once. The only package that creates meters. */
@NullMarked
package dev.portcullis.dataplane.metrics;

import org.jspecify.annotations.NullMarked;
