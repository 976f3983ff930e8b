using System.Reflection;
using Trt.Cpu.Tests;
using Trt.Interop;
using Trt.Interop.Cuda;
using Trt.Tests;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace Trt.GpuTests.Suite;

/// <summary>Runs test classes of the suite, as they are, against the library of the part.</summary>
internal sealed class SuiteRun(PartContext run)
{
    /// <summary>Runs what is to be run of these classes on the part's library; what is not is a skip with its reason.</summary>
    public void Run(IEnumerable<SuiteClass> classes)
    {
        TensorRtLibrary library = run.Library;
        TestTarget.Use(library, SuiteClass.IsRehearsal(library));

        // The CPU runtime could work on the tests' arrays themselves; that it works on copies shows that the tests are fit for a GPU.
        TestDevice.Current = run.Found!.Kind == LibraryKind.Rehearsal ? Device.Host : run.Device;
        TestDevice.Copies = true;
        Assembly assembly = Assembly.GetExecutingAssembly();
        SuiteOptions options = new();
        using XunitTestFramework framework = new(new NullSink());
        using ITestFrameworkDiscoverer discoverer = framework.GetDiscoverer(Reflector.Wrap(assembly));
        List<ITestCase> chosen = [];
        foreach (SuiteClass suite in classes)
        {
            using SuiteSink found = new(run);
            discoverer.Find(suite.Type.FullName!, includeSourceInformation: false, found, options);
            found.Wait();
            foreach (ITestCase test in found.Found)
            {
                string name = SuiteSink.NameOf(test.DisplayName);
                if (run.Done.Contains(name))
                {
                    continue;
                }

                if (suite.WhyNot(library, test.TestMethod.Method.Name, name) is { } reason)
                {
                    run.Checks.Skip(name, reason);
                }
                else
                {
                    chosen.Add(test);
                }
            }
        }

        using ITestFrameworkExecutor executor = framework.GetExecutor(assembly.GetName());
        using SuiteSink sink = new(run);
        executor.RunTests(chosen, sink, options);
        sink.Wait();
    }

    private sealed class NullSink : Xunit.LongLivedMarshalByRefObject, IMessageSink
    {
        public bool OnMessage(IMessageSinkMessage message) => true;
    }
}
