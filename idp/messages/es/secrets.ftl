## Contraseña, códigos y códigos de recuperación
secrets-back = Volver a mi cuenta

recovery-codes-title = Códigos de recuperación
recovery-codes-lead = Te devuelven el acceso si pierdes tu teléfono o tu llave.
recovery-codes-none = Todavía no tienes códigos de recuperación.
recovery-codes-left = { $n ->
    [0] Ya usaste todos tus códigos.
    [one] Te queda un código.
   *[other] Te quedan { $n } códigos.
}
recovery-codes-made = Los creaste { $when }.
recovery-codes-how = Te daremos diez. Cada uno sirve una sola vez, junto con otra prueba de que eres tú.
recovery-codes-void = Los códigos que tienes ahora dejarán de servir.
recovery-codes-make = Crear diez códigos
recovery-codes-already = Esos códigos ya se mostraron. Si no los guardaste, crea otros diez.
recovery-codes-told-title = Guarda estos diez códigos
recovery-codes-told-lead = Los mostramos solo esta vez. Imprímelos o anótalos ahora.
recovery-codes-of = Códigos de recuperación de { $programme }
recovery-codes-printed = Creados { $when }. Cada uno sirve una sola vez.
recovery-codes-keep = Guárdalos en papel, en un lugar seguro. Nadie del servicio te los pedirá por teléfono ni por correo.
recovery-codes-saved = Ya los guardé
