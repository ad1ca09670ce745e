/* python.h - hand the command over to memc-py, the Python command beside this file. */
#ifndef MEMC_PYTHON_H
#define MEMC_PYTHON_H

/* Run memc-py with these arguments.  Returns the exit status if that fails. */
int run_python(char **argv);

#endif
