/** Server-side apply of the objects a resource owns. */
@NullMarked
package dev.portcullis.operator.apply;

import org.jspecify.annotations.NullMarked;
