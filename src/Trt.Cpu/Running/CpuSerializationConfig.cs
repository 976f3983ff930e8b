using Trt.Interop;

namespace Trt.Cpu;

/// <summary>Settings of a serialisation.</summary>
internal sealed class CpuSerializationConfig : CpuObject, ISerializationConfig
{
    private Mask<SerializationFlag> flags;

    public Mask<SerializationFlag> Flags
    {
        get
        {
            ThrowIfDisposed();
            return flags;
        }

        set
        {
            ThrowIfDisposed();
            flags = value;
        }
    }

    public void ClearFlag(SerializationFlag serializationFlag) => Flags = Flags.Without(serializationFlag);

    public void SetFlag(SerializationFlag serializationFlag) => Flags = Flags.With(serializationFlag);

    public bool GetFlag(SerializationFlag serializationFlag) => Flags.Contains(serializationFlag);
}
