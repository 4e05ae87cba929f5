/** The operator: resources in, Kubernetes objects and status out. */
@NullMarked
package dev.portcullis.operator;

import org.jspecify.annotations.NullMarked;
