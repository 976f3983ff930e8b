using System.Runtime.InteropServices;
using System.Text;
using Trt.Cpu.OnnxRuntime.Native;

namespace Trt.Cpu.OnnxRuntime;

/// <summary>The managed kernels of one session as ONNX Runtime sees them: custom operators of a domain. Must live as long as the session.</summary>
internal sealed unsafe class OrtKernelSet : IDisposable
{
    /// <summary>The domain of nodes that managed kernels compute.</summary>
    public const string Domain = "trt.cpu";

    private readonly OrtEnvironment environment;
    private readonly List<nint> operators = [];
    private OrtCustomOpDomain* domain;

    public OrtKernelSet(OrtEnvironment environment, IReadOnlyList<IOrtKernel> kernels)
    {
        this.environment = environment;
        try
        {
            OrtCustomOpDomain* made;
            fixed (byte* name = Encoding.UTF8.GetBytes(Domain + "\0"))
            {
                environment.Check(environment.Api.CreateCustomOpDomain(name, &made), "make a domain of operators");
            }

            domain = made;
            foreach (IOrtKernel kernel in kernels)
            {
                Operator* added = Describe(kernel);
                operators.Add((nint)added);
                environment.Check(environment.Api.CustomOpDomain_Add(domain, &added->Table), $"add the operator {kernel.Name}");
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Makes the kernels known to the session that is made with these options.</summary>
    public void AddTo(OrtSessionOptions* options) =>
        environment.Check(environment.Api.AddCustomOpDomain(options, domain), "add a domain of operators");

    /// <summary>Frees what ONNX Runtime called; not before the session is gone.</summary>
    public void Dispose()
    {
        if (domain is not null)
        {
            environment.Api.ReleaseCustomOpDomain(domain);
            domain = null;
        }

        foreach (nint address in operators)
        {
            Operator* freed = (Operator*)address;
            freed->Kernel.Free();
            NativeMemory.Free(freed->Name);
            NativeMemory.Free(freed);
        }

        operators.Clear();
    }

    private static Operator* Describe(IOrtKernel kernel)
    {
        Operator* made = (Operator*)NativeMemory.AllocZeroed((nuint)sizeof(Operator));
        made->Kernel = GCHandle.Alloc(kernel);
        made->Name = OrtSessionHandle.Utf8(kernel.Name);
        made->Table = new OrtCustomOp
        {
            Version = OrtEnvironment.OldestApi,
            GetName = &GetName,
            GetExecutionProviderType = &GetExecutionProviderType,
            GetInputTypeCount = &GetInputTypeCount,
            GetInputType = &GetInputType,
            GetInputCharacteristic = &GetCharacteristic,
            GetInputMemoryType = &GetInputMemoryType,
            GetOutputTypeCount = &GetOutputTypeCount,
            GetOutputType = &GetOutputType,
            GetOutputCharacteristic = &GetCharacteristic,
            GetVariadicInputMinArity = &One,
            GetVariadicInputHomogeneity = &One,
            GetVariadicOutputMinArity = &One,
            GetVariadicOutputHomogeneity = &One,
            CreateKernelV2 = &CreateKernel,
            KernelComputeV2 = &Compute,
            KernelDestroy = &DestroyKernel,
            GetStartVersion = &One,
            GetEndVersion = &AnyVersion,
        };
        return made;
    }

    private static IOrtKernel Of(OrtCustomOp* table) => (IOrtKernel)((Operator*)table)->Kernel.Target!;

    [UnmanagedCallersOnly]
    private static byte* GetName(OrtCustomOp* table) => ((Operator*)table)->Name;

    [UnmanagedCallersOnly]
    private static byte* GetExecutionProviderType(OrtCustomOp* table) => null;

    [UnmanagedCallersOnly]
    private static nuint GetInputTypeCount(OrtCustomOp* table) => (nuint)Of(table).InputTypes.Count;

    [UnmanagedCallersOnly]
    private static ONNXTensorElementDataType GetInputType(OrtCustomOp* table, nuint index) => (ONNXTensorElementDataType)Of(table).InputTypes[(int)index];

    [UnmanagedCallersOnly]
    private static nuint GetOutputTypeCount(OrtCustomOp* table) => (nuint)Of(table).OutputTypes.Count;

    [UnmanagedCallersOnly]
    private static ONNXTensorElementDataType GetOutputType(OrtCustomOp* table, nuint index) => (ONNXTensorElementDataType)Of(table).OutputTypes[(int)index];

    [UnmanagedCallersOnly]
    private static OrtCustomOpInputOutputCharacteristic GetCharacteristic(OrtCustomOp* table, nuint index) => OrtCustomOpInputOutputCharacteristic.INPUT_OUTPUT_REQUIRED;

    [UnmanagedCallersOnly]
    private static OrtMemType GetInputMemoryType(OrtCustomOp* table, nuint index) => OrtMemType.OrtMemTypeDefault;

    [UnmanagedCallersOnly]
    private static int One(OrtCustomOp* table) => 1;

    [UnmanagedCallersOnly]
    private static int AnyVersion(OrtCustomOp* table) => int.MaxValue;

    [UnmanagedCallersOnly]
    private static OrtStatus* CreateKernel(OrtCustomOp* table, void** api, OrtKernelInfo* info, void** kernel)
    {
        *kernel = table;
        return null;
    }

    [UnmanagedCallersOnly]
    private static void DestroyKernel(void* kernel)
    {
        // It is the operator itself, which the set frees.
    }

    [UnmanagedCallersOnly]
    private static OrtStatus* Compute(void* operation, OrtKernelContext* context)
    {
        OrtEnvironment environment = OrtEnvironment.Instance;
        OrtBinding? binding = OrtBinding.Running;
        try
        {
            IOrtKernel kernel = Of((OrtCustomOp*)operation);
            kernel.Compute(new OrtKernelCall(environment, kernel, context, binding?.State));
            return null;
        }
        catch (Exception error)
        {
            binding?.KernelFailed(error);
            byte* text = OrtSessionHandle.Utf8(error.Message);
            OrtStatus* status = environment.Api.CreateStatus(OrtErrorCode.ORT_FAIL, text);
            NativeMemory.Free(text);
            return status;
        }
    }

    /// <summary>ONNX Runtime's table of an operator, and behind it what the callbacks need.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Operator
    {
        public OrtCustomOp Table;
        public GCHandle Kernel;
        public byte* Name;
    }
}
