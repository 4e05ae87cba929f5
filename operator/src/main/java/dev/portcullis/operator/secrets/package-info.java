/** The one Secret a data plane may read: exactly the referenced keys, copied. */
@NullMarked
package dev.portcullis.operator.secrets;

import org.jspecify.annotations.NullMarked;
