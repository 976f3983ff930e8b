using System.Diagnostics;
using System.Globalization;
using System.Text;
using Trt.Interop;
using Trt.Interop.Cuda;

namespace Trt.GpuTests;

/// <summary>The smallest program with a result: loads a library and a plan, runs once, prints. The parent measures it from outside.</summary>
internal static class ColdStart
{
    /// <summary>The line at which the parent stops its clock begins with this.</summary>
    public const string Result = "RESULT";

    public static int Run(string library, string plan, string input)
    {
        StringBuilder steps = new();
        double last = 0;
        DateTime begun = Process.GetCurrentProcess().StartTime.ToUniversalTime();
        void Step(string name)
        {
            double now = (DateTime.UtcNow - begun).TotalMilliseconds;
            steps.Append(CultureInfo.InvariantCulture, $"{(steps.Length == 0 ? string.Empty : ", ")}{name} {now - last:F0} ms");
            last = now;
        }

        Step(".NET");
        Device device = Device.All[0];
        if (!device.IsHost)
        {
            device.MakeCurrent();
        }

        Step("driver and context");
        TensorRtLibrary trt = library == "cpu" ? Cpu() : TensorRt.Load(library);
        Step("library");
        using IRuntime runtime = trt.CreateInferRuntime(new DelegateLogger((_, _) => { }));
        Step("runtime");
        using ICudaEngine engine = runtime.DeserializeCudaEngine(File.ReadAllBytes(plan));
        Step("engine");
        using IExecutionContext context = engine.CreateExecutionContext();
        Step("context");
        using CudaStream stream = new(device);
        List<DeviceMemory<float>> memory = [];
        float[] values = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(File.ReadAllBytes(input)).ToArray();
        DeviceMemory<float>? first = null;
        for (int i = 0; i < engine.NbIOTensors; i++)
        {
            string name = engine.GetIOTensorName(i);
            bool isInput = engine.GetTensorIOMode(name) == TensorIOMode.Input;
            if (isInput)
            {
                // The rows follow from the values.
                long[] shape = engine.GetTensorShape(name).ToArray();
                shape[0] = shape[0] < 0 ? values.Length / shape[1..].Aggregate(1L, (one, other) => one * other) : shape[0];
                context.SetInputShape(name, new Dims(shape));
            }

            DeviceMemory<float> bound = new(isInput ? values.Length : context.GetTensorShape(name).Volume, device);
            if (isInput)
            {
                bound.CopyFrom(values);
            }
            else
            {
                first ??= bound;
            }

            memory.Add(bound);
            context.SetTensorAddress(name, bound.Pointer);
        }

        context.EnqueueV3(stream);
        stream.Synchronize();
        float[] output = first!.ToArray();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Result} {output[0]:R} {output.Length}"));
        Console.Out.Flush();
        Step("memory and first run");
        Console.WriteLine(steps.ToString());
        memory.ForEach(one => one.Dispose());
        return 0;
    }

    private static TensorRtLibrary Cpu()
    {
        Trt.Cpu.CpuRuntime.Register();
        return TensorRt.Load(new TensorRtOptions { Flavour = Flavour.Cpu });
    }
}
