/* A missing Py_DECREF: the text that is made in between is never given back. */
#include <Python.h>

static PyObject *join_text(PyObject *name, int is_given_back) {
    PyObject *between = PyUnicode_FromFormat("<%U>", name);
    if (between == NULL) return NULL;
    PyObject *joined = PyUnicode_FromFormat("%U %U", between, name);
    if (is_given_back) Py_DECREF(between);
    return joined;
}

PyObject *join(PyObject *name) { return join_text(name, 1); }

PyObject *join_and_forget(PyObject *name) { return join_text(name, 0); }
