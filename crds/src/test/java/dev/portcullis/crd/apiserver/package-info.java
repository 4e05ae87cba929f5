/** A real kube-apiserver for tests of this module and of the operator. */
@NullMarked
package dev.portcullis.crd.apiserver;

import org.jspecify.annotations.NullMarked;
